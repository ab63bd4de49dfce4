// Values of the API made from its schemas: what is added to these needs nothing in the tests that are not about it.

import type { Quality } from '../src/generated/api';
// @ts-expect-error plain JavaScript, for the end-to-end tests as well
import { exampleOf } from './schema_check.mjs';

/** Nothing is missing, scaled or late. */
export const kGoodQuality: Quality = exampleOf('quality');
