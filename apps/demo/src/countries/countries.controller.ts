import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import type { Answer } from '../answers/answer.js';
import { AnswersService } from '../answers/answers.service.js';
import { CountriesService } from './countries.service.js';
import { CountryCodePipe } from './country-code.pipe.js';
import type { Country, CountryStatistics } from './country.js';

@Controller('countries')
export class CountriesController {
  constructor(
    private readonly countries: CountriesService,
    private readonly answers: AnswersService,
  ) {}

  @Get()
  list(): Promise<Answer<Country[]>> {
    return this.answers.answer('countries', () => this.countries.list());
  }

  @Get(':code/statistics')
  statistics(@Param('code', CountryCodePipe) code: string): Promise<Answer<CountryStatistics>> {
    return this.answers.answer(`statistics ${code}`, async () => {
      const statistics = await this.countries.statistics(code);
      if (!statistics) throw new NotFoundException(`there is no city in a country '${code}'`);
      return statistics;
    });
  }
}
