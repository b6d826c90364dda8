import { chromiumDriver } from '../support/chromium-driver.ts';
import { playScenarios } from './play-scenarios.ts';

playScenarios(chromiumDriver);
