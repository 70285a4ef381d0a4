import { answering, isClustered, roleOf, type Facts, type Member, type NodeFacts, type Words } from './facts.js';
import type { Severity } from './finding.js';

/** What is wrong, and what mends it. */
export interface Complaint {
  readonly severity: Exclude<Severity, 'ok' | 'unknown'>;
  readonly found: string;
  readonly mend?: string | undefined;
}

/** `fits`: as the standard asks; `unknown`: not said; `elsewhere`: the rule does not speak of this. */
export type Verdict = Complaint | 'fits' | 'unknown' | 'elsewhere';

/** A verdict, and the node it is on; no node where it is on the whole. */
export interface Placed {
  readonly node?: string | undefined;
  readonly verdict: Verdict;
}

/** One thing that is looked at. */
export interface Rule {
  readonly id: string;
  /** What the standard says. */
  readonly standard: string;
  readonly why: string;
  /** The command whose answer it looks at. */
  readonly asks: string;
  judge(facts: Facts): readonly Placed[];
}

type Text = Omit<Rule, 'judge'>;

/** A rule that looks at each node that answers. */
export function ofNode(text: Text, judge: (node: NodeFacts, facts: Facts) => Verdict): Rule {
  return {
    ...text,
    judge: (facts) => answering(facts).map((node) => ({ node: node.address, verdict: judge(node, facts) })),
  };
}

/** A rule that looks at each node of a role; at those that do not say their role too. */
export function ofRole(
  role: 'primary' | 'replica',
  text: Text,
  judge: (node: NodeFacts, facts: Facts) => Verdict,
): Rule {
  return ofNode(text, (node, facts) => ((roleOf(node) ?? role) === role ? judge(node, facts) : 'elsewhere'));
}

/** A rule that looks at a setting of each node. */
export function ofSetting(
  text: Omit<Text, 'asks'> & { readonly setting: string },
  judge: (value: string, config: Words, facts: Facts) => Verdict,
): Rule {
  const { setting, ...words } = text;
  return ofNode({ ...words, asks: 'CONFIG GET' }, ({ config }, facts) => {
    if (config === undefined) return 'unknown';
    const value = config.get(setting);
    return value === undefined ? 'elsewhere' : judge(value, config, facts);
  });
}

/** The same, of clusters only. */
export function ofClusterSetting(...[text, judge]: Parameters<typeof ofSetting>): Rule {
  const rule = ofSetting(text, judge);
  const isOutside = (facts: Facts): boolean => answering(facts).some((node) => isClustered(node) === false);
  return { ...rule, judge: (facts) => (isOutside(facts) ? [] : rule.judge(facts)) };
}

/** A rule that looks at the members of a cluster, as the first node sees them that says. */
export function ofMembers(text: Omit<Text, 'asks'>, judge: (members: readonly Member[]) => Verdict): Rule {
  return {
    ...text,
    asks: 'CLUSTER NODES',
    judge: (facts) => {
      const nodes = answering(facts);
      const members = nodes.find((node) => node.members !== undefined)?.members;
      if (members !== undefined) return [{ verdict: judge(members) }];
      const isOne = nodes.some((node) => isClustered(node) !== false);
      return isOne ? [{ verdict: 'unknown' }] : [];
    },
  };
}
