import { ran } from './part.mjs';

self.ran = ran;
