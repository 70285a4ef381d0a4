import type { Reporter, TestModule } from 'vitest/node';

/** Ends every run with what failed, a line each, and the line that CI reads. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const failures: string[] = [];
    let passed = 0;
    for (const module of modules) {
      const [broken] = module.errors();
      if (broken !== undefined) failures.push(failure(module.relativeModuleId, broken));
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed')
          failures.push(failure(`${module.relativeModuleId} > ${test.fullName}`, errors?.[0]));
      }
    }
    const lines = [...failures, `${passed} passed, ${failures.length} failed`];
    // Behind the default reporter's own summary.
    process.on('exit', () => process.stdout.write(lines.map((line) => `${line}\n`).join('')));
  }
}

function failure(of: string, error: { readonly message: string } | undefined): string {
  return `FAILED ${of}: ${(error?.message ?? 'no error told').replaceAll(/\s+/g, ' ').slice(0, 300)}`;
}
