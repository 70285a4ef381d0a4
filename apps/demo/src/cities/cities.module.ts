import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { CitiesController } from './cities.controller.js';
import { CitiesRepository } from './cities.repository.js';
import { CitiesService } from './cities.service.js';

@Module({
  imports: [AnswersModule, DatabaseModule],
  controllers: [CitiesController],
  providers: [CitiesRepository, CitiesService],
})
export class CitiesModule {}
