import { Inject } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

/** The property that Nest injects into every instance of a class with decorated methods. */
export const MODULE_REF = Symbol.for('@datapunk/cache:module-ref');

const PROPERTIES = 'self:properties_metadata';

/**
 * Asks Nest for its `ModuleRef`, which it can always give, so that a class works without our module as well. Property
 * injection reaches request-scoped and transient providers and subclasses, which no discovery does.
 */
export function injectModuleRef(owner: object): void {
  if (typeof owner === 'function' || isInjected(owner)) return;
  Inject(ModuleRef)(owner, MODULE_REF);
}

function isInjected(prototype: object): boolean {
  const properties: { key: unknown }[] = Reflect.getMetadata(PROPERTIES, prototype.constructor) ?? [];
  return properties.some(({ key }) => key === MODULE_REF);
}
