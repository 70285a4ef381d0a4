/** What goes to the database thread … */
export type Request =
  | { readonly id: number; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly id: number; readonly close: true };

/** … and what comes back. */
export type Reply = { readonly id: number; readonly rows: object[] } | { readonly id: number; readonly error: string };
