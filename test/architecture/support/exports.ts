import ts from 'typescript';

export interface Door {
  readonly values: readonly string[];
  readonly types: readonly string[];
  /** Exports that name nothing: `export *`, `export default`, or a declaration of its own. */
  readonly unnamed: readonly string[];
}

/** The public names of a barrel, in order of the alphabet. */
export function readDoor(text: string): Door {
  const source = ts.createSourceFile('door.ts', text, ts.ScriptTarget.ES2023, true);
  const values: string[] = [];
  const types: string[] = [];
  const unnamed: string[] = [];
  for (const statement of source.statements) {
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined;
    if (!ts.isExportDeclaration(statement) || clause === undefined || !ts.isNamedExports(clause)) {
      unnamed.push(statement.getText(source));
      continue;
    }
    for (const { name, isTypeOnly } of clause.elements) {
      (statement.isTypeOnly || isTypeOnly ? types : values).push(name.text);
    }
  }
  return { values: values.toSorted(), types: types.toSorted(), unnamed };
}
