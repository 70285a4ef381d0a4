import type { Reporter, TestModule } from 'vitest/node';

/** Ends every run with the line that CI reads. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') count.passed += 1;
        else if (state === 'failed') count.failed += 1;
      }
    }
    // Behind the default reporter's own summary.
    process.on('exit', () => process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`));
  }
}
