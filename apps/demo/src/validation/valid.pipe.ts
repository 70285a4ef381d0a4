import { BadRequestException, type PipeTransform } from '@nestjs/common';
import { validateSync } from 'class-validator';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Turns a query string or a body into a checked instance of a class whose constructor reads the raw fields.
 * Wrong, missing and unknown fields end in a 400 that names each of them.
 */
export class ValidPipe<Input extends object> implements PipeTransform<unknown, Input> {
  constructor(private readonly type: new (fields: Fields) => Input) {}

  transform(value: unknown): Input {
    const fields = readFields(value);
    const input = new this.type(fields);
    const unknown = Object.keys(fields).filter((name) => !(name in input));
    const faults = [
      ...unknown.map((name) => `there is no field '${name}'`),
      ...validateSync(input).flatMap(({ constraints }) => Object.values(constraints ?? {})),
    ];
    if (faults.length > 0) throw new BadRequestException([...new Set(faults)]);
    return input;
  }
}

function readFields(value: unknown): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new BadRequestException(['send an object of fields']);
  return value as Fields;
}
