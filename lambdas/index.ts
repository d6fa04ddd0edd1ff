/** CreativeDynamics as a library, which `import … from 'creative-dynamics'` gives: the engine, and its checked parameters. */
export { parseParameters } from './contracts/parameters.ts';
export * from './domain/index.ts';
