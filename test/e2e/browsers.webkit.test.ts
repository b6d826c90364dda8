import { webkitDriver } from '../support/webkit-driver.ts';
import { playScenarios } from './play-scenarios.ts';

playScenarios(webkitDriver);
