import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** Everything the page needs is here: nothing is fetched from elsewhere, and the browser is told so. */
const POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

interface Headers {
  setHeader(name: string, value: string): unknown;
}

/** The page at `/`: plain files beside this one, no build step. */
export function servePage(app: NestExpressApplication): void {
  app.useStaticAssets(join(__dirname, 'public'), {
    setHeaders: (response: Headers) => {
      response.setHeader('Cache-Control', 'no-cache');
      response.setHeader('Content-Security-Policy', POLICY);
      response.setHeader('X-Content-Type-Options', 'nosniff');
    },
  });
}
