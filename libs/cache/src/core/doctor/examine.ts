import { answering, isClustered, type Facts } from './facts.js';
import type { DoctorReport, Finding, Severity } from './finding.js';
import { RULES } from './rules.js';
import type { Rule, Verdict } from './rule.js';

/** The gravest first. */
const ORDER: readonly Severity[] = ['critical', 'warning', 'note', 'unknown', 'ok'];

/** Holds what the servers said against every rule. */
export function examine(facts: Facts, rules: readonly Rule[] = RULES): DoctorReport {
  const findings = rules
    .flatMap((rule) => findingsOf(rule, facts))
    .toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return {
    severity: gravest(findings),
    topology: topologyOf(facts),
    nodes: facts.nodes.map(({ address }) => address),
    findings,
  };
}

function gravest(findings: readonly Finding[]): DoctorReport['severity'] {
  const grave = ['critical', 'warning', 'note'] as const;
  return grave.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'ok';
}

function topologyOf(facts: Facts): DoctorReport['topology'] {
  const said = answering(facts).map((node) => isClustered(node));
  if (said.includes(true)) return 'cluster';
  return said.includes(false) ? 'standalone' : 'unknown';
}

/** One finding for all nodes of which the same is true; `ok` only where nothing else is. */
function findingsOf(rule: Rule, facts: Facts): Finding[] {
  const groups = new Map<string, { readonly verdict: Verdict; readonly nodes: string[] }>();
  for (const { node, verdict } of rule.judge(facts)) {
    if (verdict === 'elsewhere') continue;
    const name = JSON.stringify(verdict);
    const group = groups.get(name) ?? { verdict, nodes: [] };
    if (node !== undefined) group.nodes.push(node);
    groups.set(name, group);
  }
  if (groups.size > 1) groups.delete(JSON.stringify('fits'));
  return [...groups.values()].map(({ verdict, nodes }) => findingOf(rule, verdict, nodes));
}

function findingOf({ id, standard, why, asks }: Rule, verdict: Verdict, nodes: readonly string[]): Finding {
  const words = { id, standard, why, nodes };
  if (verdict === 'fits') return { ...words, severity: 'ok', found: 'as the standard asks' };
  if (typeof verdict === 'string') return { ...words, severity: 'unknown', found: `the server does not say: ${asks}` };
  return { ...words, ...verdict };
}
