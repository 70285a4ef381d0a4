import { BadRequestException, type PipeTransform } from '@nestjs/common';

const LARGEST = 2_147_483_647;

/** an id as the database knows it: a positive 32-bit integer */
export class CityIdPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(id <= LARGEST)) throw new BadRequestException([`the id of a city is a whole number from 1 to ${LARGEST}`]);
    return id;
  }
}
