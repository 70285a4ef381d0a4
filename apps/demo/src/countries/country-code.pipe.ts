import { BadRequestException, type PipeTransform } from '@nestjs/common';

export class CountryCodePipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (!/^[a-z]{2}$/i.test(text)) throw new BadRequestException(['a country code is two letters, such as FR']);
    return text.toUpperCase();
  }
}
