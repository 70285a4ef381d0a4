import type { Browser, Locator, Page } from 'playwright-core';

/** The page as a person uses it, and everything it complained about meanwhile. */
export class LakePage {
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('requestfailed', (request) => this.complaints.push(`failed: ${request.url()}`));
  }

  static async open(browser: Browser, url: string, width: number): Promise<LakePage> {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const lake = new LakePage(page);
    await page.goto(url);
    await page.locator('#country option').first().waitFor({ state: 'attached' });
    return lake;
  }

  /** the sentence about the last answer, or about the last series of them */
  get status(): Locator {
    return this.page.locator('#status');
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** the place asked for from now on */
  async type(place: { lat: number; lon: number }): Promise<void> {
    await this.field('Latitude').fill(String(place.lat));
    await this.field('Longitude').fill(String(place.lon));
  }

  /** does something that asks the server, and gives the sentence the page then shows about the answer */
  async after(what: string, action: () => Promise<unknown>): Promise<string> {
    await this.status.evaluate((element) => (element.textContent = ''));
    await action();
    await this.status.filter({ hasText: what }).waitFor();
    return (await this.status.textContent()) ?? '';
  }

  /** the big figure: `['0.21 ms', 'memory']` */
  async lastAnswer(): Promise<string[]> {
    return this.page
      .locator('#last .figure')
      .evaluate((figure) => [...figure.childNodes].map((n) => n.textContent ?? ''));
  }

  city(index: number): Locator {
    return this.page.locator('#nearest button').nth(index);
  }

  /** pixels by which the page is wider than the window */
  overflow(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }
}
