import { BadRequestException, Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type { Answer } from '../answers/answer.js';
import { AnswersService } from '../answers/answers.service.js';
import { ValidPipe } from '../validation/valid.pipe.js';
import { CityChange, NearestQuery } from './cities.dto.js';
import { CitiesRepository } from './cities.repository.js';
import { CitiesService } from './cities.service.js';
import { cityKey, mapKey, nearestKey, visitsKey } from './city.keys.js';
import type { City, NearbyCity } from './city.js';
import { CityIdPipe } from './city-id.pipe.js';

@Controller('cities')
export class CitiesController {
  constructor(
    private readonly cities: CitiesService,
    private readonly repository: CitiesRepository,
    private readonly answers: AnswersService,
  ) {}

  @Get('nearest')
  nearest(@Query(new ValidPipe(NearestQuery)) query: NearestQuery): Promise<Answer<NearbyCity[]>> {
    return this.answers.answer(nearestKey(query), () => this.cities.nearest(query));
  }

  /** the same list without the cache, for comparison */
  @Get('nearest/uncached')
  nearestUncached(@Query(new ValidPipe(NearestQuery)) query: NearestQuery): Promise<Answer<NearbyCity[]>> {
    return this.answers.answer('uncached', () => this.repository.nearest(query));
  }

  @Get('map')
  map(): Promise<Answer<readonly number[]>> {
    return this.answers.answer(mapKey({}), () => this.cities.worldMap());
  }

  @Get(':id')
  profile(@Param('id', CityIdPipe) id: number): Promise<Answer<City>> {
    return this.answers.answer(cityKey({ id }), () => this.cities.known(id));
  }

  @Patch(':id')
  change(
    @Param('id', CityIdPipe) id: number,
    @Body(new ValidPipe(CityChange)) change: CityChange,
  ): Promise<Answer<City>> {
    if (change.name === undefined && change.population === undefined) {
      throw new BadRequestException(['give a new name, a new population or both']);
    }
    return this.answers.answer(`change ${id}`, () => this.cities.change(id, change));
  }

  @Get(':id/visits')
  visits(@Param('id', CityIdPipe) id: number): Promise<Answer<{ id: number; visits: number }>> {
    return this.answers.answer(visitsKey({ id }), async () => {
      await this.cities.known(id);
      return { id, visits: await this.cities.visits(id) };
    });
  }

  @Post(':id/visits')
  @HttpCode(200)
  visit(@Param('id', CityIdPipe) id: number): Promise<Answer<{ id: number; visits: number }>> {
    return this.answers.answer(`visit ${id}`, async () => {
      await this.cities.known(id);
      return { id, visits: await this.cities.visit(id) };
    });
  }
}
