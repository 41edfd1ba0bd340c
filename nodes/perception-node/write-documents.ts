import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../models/package-root.js';
import { withOutputTable } from '../perception/output-table.js';
import { parameterFile, parameterJsonSchema, withParameterTable } from './parameter-documents.js';

/** `npm run docs:parameters`: writes what follows from the tables of parameters and of outputs into launch/ and docs/. */
const launch = path.join(packageRoot(), 'launch');
const readme = path.join(launch, 'README.md');
writeFileSync(path.join(launch, 'config', 'perception.yaml'), parameterFile());
writeFileSync(path.join(launch, 'config', 'perception.schema.json'), parameterJsonSchema());
writeFileSync(readme, withParameterTable(readFileSync(readme, 'utf8')));
const topics = path.join(packageRoot(), 'docs', 'topics.md');
writeFileSync(topics, withOutputTable(readFileSync(topics, 'utf8')));
