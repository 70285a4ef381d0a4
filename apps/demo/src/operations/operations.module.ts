import { CacheMetricsModule } from '@datapunk/cache/prometheus';
import { CacheHealthModule } from '@datapunk/cache/terminus';
import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';

/** `/health`, `/health/live`, `/health/ready` and `/metrics`. */
@Module({
  imports: [TerminusModule, CacheHealthModule, CacheMetricsModule.forRoot({ path: '/metrics' })],
  controllers: [HealthController],
})
export class OperationsModule {}
