import { firefoxDriver } from '../support/firefox-driver.ts';
import { playPuzzel } from './play-puzzel.ts';
import { playScenarios } from './play-scenarios.ts';

// one file for each browser: two drivers of one browser at a time are in each other's way
playScenarios(firefoxDriver);
playPuzzel(firefoxDriver);
