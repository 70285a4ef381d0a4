import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { CacheMonitor } from '../monitoring/cache-monitor.js';
import { CacheHealthIndicator } from './cache-health.indicator.js';

/** Gives `CacheHealthIndicator`. Import it where your health controller is, beside `TerminusModule`. */
@Module({ imports: [TerminusModule], providers: [CacheHealthIndicator], exports: [CacheHealthIndicator] })
export class CacheHealthModule implements OnModuleInit {
  constructor(@Inject(CacheMonitor) private readonly monitor: CacheMonitor) {}

  onModuleInit(): void {
    this.monitor.watch();
  }
}
