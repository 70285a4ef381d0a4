import { DatapunkCacheModule } from '@datapunk/cache';
import { Module } from '@nestjs/common';
import { CitiesModule } from './cities/cities.module.js';
import { CountriesModule } from './countries/countries.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { readSettings } from './settings.js';

@Module({
  imports: [
    // By a factory, so that a wrong setting fails the boot and not the import of this file.
    DatapunkCacheModule.forRootAsync({
      useFactory: () => {
        const { redis, memoryEntries } = readSettings(process.env);
        return { service: 'lake', redis, local: { hot: { maxEntries: memoryEntries } } };
      },
    }),
    CitiesModule,
    CountriesModule,
    OperationsModule,
  ],
})
export class AppModule {}
