import type { DoctorReport, Finding, Severity } from '../../core/doctor/finding.js';

/** Colours of a terminal: red, yellow, cyan, grey, green. */
const COLOURS: Readonly<Record<Severity, number>> = { critical: 31, warning: 33, note: 36, unknown: 90, ok: 32 };

export interface Look {
  readonly isColoured: boolean;
  /** Whether also what is as it should be is shown. */
  readonly isAll: boolean;
}

/** The report as people read it. */
export function reportText({ topology, nodes, findings }: DoctorReport, look: Look): string {
  const shown = findings.filter(({ severity }) => look.isAll || severity !== 'ok');
  const kind =
    topology === 'standalone' ? 'by itself' : topology === 'cluster' ? 'of a cluster' : 'of which little is known';
  return [
    `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} ${kind}: ${nodes.join(', ')}`,
    '',
    ...shown.flatMap((finding) => [...lines(finding, look, nodes.length), '']),
    summary(findings),
    '',
  ].join('\n');
}

function lines(finding: Finding, { isColoured }: Look, count: number): string[] {
  const { id, severity, nodes, standard, found, why, mend } = finding;
  const word = isColoured ? `\u001B[${COLOURS[severity]}m${severity}\u001B[0m` : severity;
  const where = nodes.length === 0 || nodes.length === count ? '' : ` (${nodes.join(', ')})`;
  const head = `${word} ${id}: ${found}${where}`;
  if (severity === 'ok') return [head];
  const told = [`  standard  ${standard}`, `  why       ${why}`];
  return [head, ...told, ...(mend === undefined ? [] : [`  mend      ${mend}`])];
}

function summary(findings: readonly Finding[]): string {
  const counts = (['critical', 'warning', 'note', 'unknown', 'ok'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return counts.join(', ');
}
