import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor';
import { packageRoot } from '../../models/package-root.js';

/** One way to import the package. */
export interface Face {
  /** Its file's name: `msgs` of `rxdepth/msgs`, `rxdepth` of the package itself. */
  readonly name: string;
  /** Its declarations, as the build made them. */
  readonly declarations: string;
}

/** The faces that `package.json` exports. */
export async function faces(): Promise<readonly Face[]> {
  const text = await readFile(path.join(packageRoot(), 'package.json'), 'utf8');
  const { exports } = JSON.parse(text) as { exports: Record<string, string | { readonly types: string }> };
  return Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [
          {
            name: entry === '.' ? 'rxdepth' : path.posix.basename(entry),
            declarations: path.join(packageRoot(), target.types),
          },
        ],
  );
}

export interface ApiReport {
  /** Every exported name with its signature, sorted. */
  readonly text: string;
  readonly exported: readonly string[];
  /** Types that exported signatures use and that the face does not export. */
  readonly forgotten: readonly string[];
}

/**
 * What a face offers, as API Extractor reads it from the built declarations.
 * @param folder for the report and for `NAME.api.json`, which API Documenter makes pages of.
 */
export async function apiReport({ name, declarations }: Face, folder: string): Promise<ApiReport> {
  await mkdir(folder, { recursive: true });
  const root = packageRoot();
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: declarations,
      // The declarations are TypeScript 7's, which API Extractor's own TypeScript reads well.
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            ...{ target: 'ES2022', lib: ['ES2023'], module: 'NodeNext', moduleResolution: 'NodeNext' },
            ...{ types: ['node'], strict: true, skipLibCheck: true, rootDir: path.join(root, 'dist') },
          },
          include: [declarations],
        },
      },
      apiReport: {
        ...{ enabled: true, reportFileName: `${name}.api.md` },
        ...{ reportFolder: folder, reportTempFolder: path.join(folder, 'temporary') },
      },
      docModel: { enabled: true, apiJsonFilePath: path.join(folder, `${name}.api.json`) },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const forgotten = new Set<string>();
  const { errorCount } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message: ExtractorMessage) {
      const symbol = /The symbol "(.*)" needs to be exported/.exec(message.text)?.[1];
      // Of constants only the type is used, which says what they are.
      const isType = symbol !== undefined && /^[A-Z].*[a-z]/.test(symbol);
      if (message.messageId === 'ae-forgotten-export' && isType) forgotten.add(symbol);
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  if (errorCount > 0) throw new Error(`API Extractor could not read ${declarations}: run \`npm run build\``);
  const text = await readFile(path.join(folder, `${name}.api.md`), 'utf8');
  const declared = /^export (?:declare )?(?:abstract )?(?:class|const|function|interface|type) (\w+)/gm;
  const exported = [...text.matchAll(declared)].flatMap(([, exportedName]) => exportedName ?? []);
  return { text, exported, forgotten: [...forgotten].sort() };
}
