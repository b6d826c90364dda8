import { webkitDriver } from '../support/webkit-driver.ts';
import { playPuzzel } from './play-puzzel.ts';
import { playScenarios } from './play-scenarios.ts';

// one file for each browser: two drivers of one browser at a time are in each other's way
playScenarios(webkitDriver);
playPuzzel(webkitDriver);
