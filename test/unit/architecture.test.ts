import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Who may import whom: the rooms of design and the doors between them. A file belongs to the first room that matches it. */
type Room = { room: RegExp; mayImport: RegExp[] };

const CDK = /^(aws-cdk-lib|constructs)(\/|$)/;
const SDK = /^@(aws-sdk|smithy)\//;
const NODE = /^node:/;
const CONTRACTS = /^lib\/contracts\//;

const typescriptRooms: Room[] = [
  { room: /^lib\/contracts\/generate\.ts$/, mayImport: [/^zod$/, CONTRACTS, NODE] },
  { room: /^lib\/contracts\//, mayImport: [/^zod$/, CONTRACTS] },
  { room: /^lib\/constructs\//, mayImport: [CONTRACTS, CDK, NODE, /^esbuild$/, /^lib\/constructs\//] },
  { room: /^lib\/stacks\//, mayImport: [CONTRACTS, CDK, NODE, /^lib\/(constructs|stacks)\//] },
  {
    room: /^bin\/app\.ts$/,
    mayImport: [CONTRACTS, CDK, NODE, /^cdk-nag$/, /^lib\/(constructs|stacks)\//, /^bin\/stages\.ts$/],
  },
  { room: /^bin\/stages\.ts$/, mayImport: [CONTRACTS] },
  {
    room: /^functions\/_rules\//,
    mayImport: [
      CONTRACTS,
      /^functions\/_rules\//,
      /^functions\/_shared\/(ports|errors|router|hash)\.ts$/,
      /^(zod|yaml)$/,
    ],
  },
  {
    room: /^functions\/(?!_shared)[^/]+\/handler\.ts$/,
    mayImport: [CONTRACTS, /^functions\/_shared\//, /^functions\/SAME\//],
  },
  {
    room: /^functions\/(?!_shared)/,
    mayImport: [
      CONTRACTS,
      /^functions\/_rules\/index\.ts$/,
      /^functions\/_shared\/(ports|errors|router|hash)\.ts$/,
      /^functions\/SAME\//,
      /^(zod|yaml|csv-parse)(\/|$)/,
    ],
  },
  {
    room: /^functions\/_shared\//,
    mayImport: [
      CONTRACTS,
      SDK,
      NODE,
      /^functions\/_shared\//,
      /^(@middy\/.*|zod|sharp|onnxruntime-node|pino|yaml|csv-parse\/sync)$/,
    ],
  },
  { room: /^lib\/local\//, mayImport: [CONTRACTS, SDK, NODE, /^lib\/local\//, /^(zod|p-limit)$/] },
  // A bench measures the product from outside: it may start anything, and nothing of the product imports it.
  {
    room: /^lib\/bench\//,
    mayImport: [
      CONTRACTS,
      SDK,
      NODE,
      /^lib\/(bench|local)\//,
      /^functions\/_(shared|rules)\//,
      /^(zod|sharp|onnxruntime-node)$/,
    ],
  },
  // The doctor on this machine: it judges as the functions do because it is what they judge with.
  {
    room: /^lib\/doctor\//,
    mayImport: [CONTRACTS, NODE, /^lib\/doctor\//, /^functions\/_(shared|rules)\//],
  },
  {
    room: /^(lib\/cli\/|bin\/troupe\.ts$|demo\/)/,
    mayImport: [
      CONTRACTS,
      SDK,
      NODE,
      /^lib\/(cli|local|bench|doctor)\//,
      /^demo\//,
      /^bin\/stages\.ts$/,
      /^(opentype\.js$|@fontsource\/)/,
      /^(?!aws-cdk-lib)[a-z@][^.]*$/,
    ],
  },
];

/** The specifiers of a file's imports (and of the files it takes from packages), relative ones as paths from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const specifiers = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s+['"]([^'"]+)['"]|(?:import|require\.resolve)\(\s*['"]([^'"]+)['"]\s*\)/g,
    ),
  ];
  return specifiers.map(([, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? '';
    return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
  });
}

const typescriptFiles = globSync(['lib/**/*.ts', 'functions/**/*.ts', 'bin/*.ts', 'demo/*.ts']);
const pythonFiles = globSync(['containers/**/*.py']).filter((file) => !file.includes('/build/'));

/** Modules that a Python file imports, relative ones left out: they stay in their package. */
function pythonImportsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^\s*(?:from\s+([A-Za-z_][\w.]*)\s+import|import\s+([A-Za-z_][\w.]*))/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

describe('who may import whom', () => {
  it('every TypeScript file keeps to the doors of its room', () => {
    const broken = typescriptFiles.flatMap((file) => {
      const room = typescriptRooms.find((candidate) => candidate.room.test(file));
      if (!room) return [`${file}: belongs to no room`];
      const own = dirname(file).split('/').slice(0, 2).join('/');
      const allowed = room.mayImport.map((door) => new RegExp(door.source.replace('functions\\/SAME', own)));
      return importsOf(file)
        .filter((specifier) => !allowed.some((door) => door.test(specifier)))
        .map((specifier) => `${file} imports ${specifier}`);
    });
    expect(broken).toEqual([]);
  });

  it('a step reads no environment', () => {
    const steps = typescriptFiles.filter((file) => file.endsWith('/step.ts'));
    expect(steps.length).toBeGreaterThanOrEqual(5);
    expect(steps.filter((file) => readFileSync(file, 'utf8').includes('process.env'))).toEqual([]);
  });

  it('the worker imports neither the world nor the bench, and only its storage module knows boto3', () => {
    const worker = pythonFiles.filter((file) => file.startsWith('containers/worker/'));
    expect(worker.length).toBeGreaterThan(10);
    const broken = worker.flatMap((file) =>
      pythonImportsOf(file)
        .map((module) => module.split('.')[0] ?? '')
        .filter(
          (name) =>
            ['paperdoll', 'troupe_bench', 'pickle', 'joblib'].includes(name) ||
            (['boto3', 'botocore'].includes(name) && !file.endsWith('/storage/bucket.py')),
        )
        .map((name) => `${file} imports ${name}`),
    );
    expect(broken).toEqual([]);
  });

  it('the bench is in no image and nobody imports it', () => {
    const bench = pythonFiles.filter((file) => file.startsWith('containers/bench/'));
    expect(bench.length).toBeGreaterThan(5);
    const others = pythonFiles.filter((file) => !file.startsWith('containers/bench/'));
    expect(others.filter((file) => pythonImportsOf(file).some((name) => /^troupe_bench(\.|$)/.test(name)))).toEqual([]);
    const images = globSync(['containers/**/Dockerfile', '**/.dockerignore'], { exclude: ['node_modules/**'] });
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter((file) => /troupe_bench|containers\/bench/.test(readFileSync(file, 'utf8')))).toEqual([]);
    const product = typescriptFiles.filter((file) =>
      /^(functions|lib\/(constructs|stacks|contracts|local))\//.test(file),
    );
    expect(product.filter((file) => importsOf(file).some((name) => name.startsWith('lib/bench/')))).toEqual([]);
  });

  it('the world imports nothing of the worker', () => {
    const world = pythonFiles.filter((file) => file.startsWith('containers/paperdoll/'));
    expect(world.length).toBeGreaterThan(10);
    expect(world.flatMap(pythonImportsOf).filter((module) => /^(troupe_|boto)/.test(module))).toEqual([]);
  });

  it('no code in the containers unpickles', () => {
    const forbidden = /(?<!safetensors\.)torch\.(load|save)\(|\bpickle\b|trust_remote_code=True|allow_pickle=True/;
    expect(
      pythonFiles.filter((file) => forbidden.test(readFileSync(file, 'utf8').replace(/"""[\s\S]*?"""|#.*/g, ''))),
    ).toEqual([]);
  });
});

describe('dependencies', () => {
  const declared = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const packageOf = (specifier: string) =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
  const isPackage = (specifier: string) =>
    /^[a-z@]/.test(specifier) && !/^(lib|functions|bin|demo|test|node:)/.test(specifier);

  it('every import is declared, and every declared dependency is imported', () => {
    const imported = new Set(typescriptFiles.flatMap(importsOf).filter(isPackage).map(packageOf));
    const known = { ...declared.dependencies, ...declared.devDependencies };
    expect([...imported].filter((name) => !(name in known) && !builtinModules.includes(name))).toEqual([]);
    expect(Object.keys(declared.dependencies).filter((name) => !imported.has(name))).toEqual([]);
  });

  it('every version is exact', () => {
    const versions = Object.values({ ...declared.dependencies, ...declared.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('what the worker’s image and a checkout both install is the same version', () => {
    const pins = (file: string) =>
      new Map(
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line) => {
            const [, name, version] = /^([A-Za-z0-9_.-]+)(?:\[.*\])?==(\S+)/.exec(line) ?? [];
            return name && version ? [[name.toLowerCase(), version] as const] : [];
          }),
      );
    const [image, checkout] = [pins('containers/worker/requirements.txt'), pins('constraints.txt')];
    expect(image.size).toBeGreaterThan(8);
    for (const [name, version] of image) expect(checkout.get(name), name).toBe(version);
    for (const [name, version] of pins('requirements.txt')) expect(checkout.get(name), name).toBe(version);
  });
});
