import { describe, expect, it } from 'vitest';
import { examine } from './examine.js';
import type { Facts } from './facts.js';
import { RULES } from './rules.js';
import { ofNode, ofSetting, type Verdict } from './rule.js';

const text = { id: 'x', standard: 's', why: 'w', asks: 'ASK' };
const facts = (...addresses: readonly string[]): Facts => ({
  purpose: 'data',
  nodes: addresses.map((address) => ({ address })),
});

/** One rule with this verdict on each node. */
const of = (verdicts: Readonly<Record<string, Verdict>>) =>
  examine(facts(...Object.keys(verdicts)), [ofNode(text, ({ address }) => verdicts[address] ?? 'fits')]);

const bad: Verdict = { severity: 'warning', found: 'bad', mend: 'mend it' };

describe('a report', () => {
  it('says once what is true of several nodes, and not that the others are well', () => {
    const { findings, severity } = of({ 'a:1': bad, 'b:1': 'fits', 'c:1': { ...bad } });
    expect(findings).toEqual([
      { id: 'x', standard: 's', why: 'w', severity: 'warning', found: 'bad', mend: 'mend it', nodes: ['a:1', 'c:1'] },
    ]);
    expect(severity).toBe('warning');
  });

  it('says that all are well, and nothing where the rule does not speak of them', () => {
    expect(of({ 'a:1': 'fits', 'b:1': 'fits' }).findings.map(({ severity }) => severity)).toEqual(['ok']);
    expect(of({ 'a:1': 'elsewhere' }).findings).toEqual([]);
  });

  it('counts what is unknown as no fault, and shows it', () => {
    const { severity, findings } = of({ 'a:1': 'unknown', 'b:1': 'fits' });
    expect(severity).toBe('ok');
    expect(findings.map(({ found }) => found)).toEqual(['the server does not say: ASK']);
  });

  it('begins with the gravest', () => {
    const grave = ofNode({ ...text, id: 'y' }, () => ({ severity: 'critical', found: 'worse' }));
    const setting = ofSetting({ ...text, id: 'z', setting: 'save' }, () => 'fits');
    const report = examine(facts('a:1'), [setting, ofNode(text, () => bad), grave]);
    expect(report.findings.map(({ severity }) => severity)).toEqual(['critical', 'warning', 'unknown']);
    expect(report.severity).toBe('critical');
  });
});

describe('every rule', () => {
  it('has an id of its own', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });

  it('says nothing of nodes of which nothing is known, but that they are silent', () => {
    const silent: Facts = { purpose: 'data', nodes: [{ address: 'a:1', silence: 'no answer' }] };
    const { findings, topology } = examine(silent);
    expect(findings.map(({ id, severity }) => `${id} ${severity}`)).toEqual(['reachable critical']);
    expect(topology).toBe('unknown');
  });

  it('says nothing worse than unknown of a node that answers and says nothing', () => {
    const { severity, findings } = examine(facts('a:1'));
    expect(severity).toBe('ok');
    expect(findings.filter((finding) => !['ok', 'unknown'].includes(finding.severity))).toEqual([]);
    expect(findings.filter((finding) => finding.severity === 'ok').map(({ id }) => id)).toEqual(['reachable']);
  });
});
