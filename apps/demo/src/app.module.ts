import { DatapunkCacheModule } from '@datapunk/cache';
import { Module } from '@nestjs/common';
import { CitiesModule } from './cities/cities.module.js';
import { CountriesModule } from './countries/countries.module.js';

@Module({ imports: [DatapunkCacheModule.forRoot({ service: 'lake' }), CitiesModule, CountriesModule] })
export class AppModule {}
