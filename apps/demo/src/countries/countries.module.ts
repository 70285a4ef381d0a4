import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { CountriesController } from './countries.controller.js';
import { CountriesRepository } from './countries.repository.js';
import { CountriesService } from './countries.service.js';

@Module({
  imports: [AnswersModule, DatabaseModule],
  controllers: [CountriesController],
  providers: [CountriesRepository, CountriesService],
})
export class CountriesModule {}
