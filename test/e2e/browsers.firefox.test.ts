import { firefoxDriver } from '../support/firefox-driver.ts';
import { playScenarios } from './play-scenarios.ts';

playScenarios(firefoxDriver);
