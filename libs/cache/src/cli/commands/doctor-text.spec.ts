import { describe, expect, it } from 'vitest';
import type { DoctorReport, Finding } from '../../core/doctor/finding.js';
import { reportText } from './doctor-text.js';

const finding = (more: Partial<Finding>): Finding => ({
  id: 'snapshots',
  severity: 'warning',
  nodes: ['a:1'],
  standard: 'RDB',
  found: 'none',
  why: 'it comes back empty',
  mend: 'CONFIG SET save "900 1"',
  ...more,
});

const report: DoctorReport = {
  severity: 'warning',
  topology: 'cluster',
  nodes: ['a:1', 'b:1'],
  findings: [
    finding({}),
    finding({ severity: 'note', nodes: ['a:1', 'b:1'], mend: undefined }),
    finding({ severity: 'ok' }),
  ],
};

describe('the report as text', () => {
  it('names nodes where a finding is not of all, and leaves out what is well', () => {
    expect(reportText(report, { isColoured: false, isAll: false }).split('\n')).toEqual([
      '2 nodes of a cluster: a:1, b:1',
      '',
      'warning snapshots: none (a:1)',
      '  standard  RDB',
      '  why       it comes back empty',
      '  mend      CONFIG SET save "900 1"',
      '',
      'note snapshots: none',
      '  standard  RDB',
      '  why       it comes back empty',
      '',
      '1 warning, 1 note, 1 ok',
      '',
    ]);
  });

  it('is coloured on a terminal alone', () => {
    const coloured = reportText(report, { isColoured: true, isAll: true });
    expect(coloured).toContain('\u001B[33mwarning\u001B[0m snapshots');
    expect(coloured).toContain('\u001B[32mok\u001B[0m snapshots');
  });
});
