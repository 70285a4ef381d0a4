import type { AnswersService } from '../answers/answers.service.js';
import type { Database } from './database.js';

/** Tells where answers come from: every statement that has run is reported to the call that needed it. */
export class ReportingDatabase implements Database {
  constructor(
    private readonly database: Database,
    private readonly answers: AnswersService,
  ) {}

  async query<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    const rows = await this.database.query<Row>(sql, parameters);
    this.answers.queryRan();
    return rows;
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
