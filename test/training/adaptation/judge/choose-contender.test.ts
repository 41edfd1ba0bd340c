import test from 'ava';
import type { PictureModel } from '../../../../models/model-runner.js';
import type { Check } from '../../../../training/adaptation/judge/check.js';
import { chooseContender } from '../../../../training/adaptation/judge/choose-contender.js';
import type { Contender } from '../../../../training/adaptation/judge/contenders.js';
import type { Glance, JudgeReport } from '../../../../training/adaptation/judge/judge.js';

const contender = (name: string, distance: number): Contender => ({
  ...{ name, steps: 100, share: 1, distance, folder: name },
});
const FAR_TO_NEAR = [contender('far', 3), contender('middle', 2), contender('near', 1)];
const WRONG: Check = { name: 'finite', answer: 'failed', finding: '7 pixels' };

/** A judge whose answers are written down; models are told apart by their contender's name. */
function script(
  verdicts: Readonly<Record<string, JudgeReport['verdict']>>,
  glances: Readonly<Record<string, Partial<Glance>>> = {},
  hasGuards = false,
) {
  const judged: string[] = [];
  let open = 0;
  const nameOf = (model: PictureModel) => model.manifest.name;
  return {
    judged,
    isAllClosed: () => open === 0,
    options: {
      judge: {
        hasGuards,
        glance: async (model: PictureModel) => ({
          ...{ wrong: [], gain: 0.01, finding: 'something' },
          ...glances[nameOf(model)],
        }),
        judge: async (model: PictureModel) => {
          judged.push(nameOf(model));
          // Only these fields are read.
          return {
            verdict: verdicts[nameOf(model)],
            reasons: [`about ${nameOf(model)}`],
          } as unknown as JudgeReport;
        },
      },
      contenders: FAR_TO_NEAR,
      open: async ({ name }: Contender) => {
        open++;
        const model = { manifest: { name }, close: async () => void open-- };
        return model as unknown as PictureModel & { close(): Promise<void> }; // the script asks for no more
      },
      hasTime: () => true,
      report: () => undefined,
    },
  };
}

test('the first admissible one is chosen, and the report says why the others were not', async (t) => {
  const { options, judged, isAllClosed } = script({ far: 'rejected', middle: 'promoted', near: 'promoted' });
  const choice = await chooseContender(options);
  t.is(choice.contender.name, 'middle');
  t.deepEqual(judged, ['far', 'middle']);
  t.deepEqual(
    choice.contenders.map(({ name, verdict, reasons }) => [name, verdict, reasons.join()]),
    [
      ['far', 'rejected', 'about far'],
      ['middle', 'promoted', 'about middle'],
      ['near', 'passed over', 'middle was found good before it'],
    ],
  );
  t.true(isAllClosed());
});

test('with other drives to ask, who gains most over all of them comes first', async (t) => {
  const gains = { far: { gain: 0.01 }, middle: { gain: 0.02 }, near: { gain: 0.03 } };
  const verdicts = { far: 'promoted', middle: 'promoted', near: 'rejected' } as const;
  const { options, judged } = script(verdicts, gains, true);
  t.is((await chooseContender(options)).contender.name, 'middle');
  t.deepEqual(judged, ['near', 'middle']);
  t.is(
    (await chooseContender(script(verdicts, gains).options)).contender.name,
    'far',
    'without any, the first',
  );
});

test('what is plainly wrong at a glance is not judged in full', async (t) => {
  const { options, judged } = script({ middle: 'promoted' }, { far: { wrong: [WRONG] } });
  const choice = await chooseContender(options);
  t.deepEqual(judged, ['middle']);
  const far = choice.contenders.find(({ name }) => name === 'far');
  t.deepEqual([far?.verdict, far?.reasons], ['passed over', ['finite: 7 pixels']]);
});

test('where all are plainly wrong the nearest is judged: a refusal has its reasons', async (t) => {
  const wrong = { wrong: [WRONG] };
  const { options, judged } = script({ near: 'rejected' }, { far: wrong, middle: wrong, near: wrong });
  const choice = await chooseContender(options);
  t.deepEqual(judged, ['near']);
  t.is(choice.report.verdict, 'rejected');
});

test('where nobody is admissible the first one judged is reported, and nobody is left unnamed', async (t) => {
  const { options } = script({ far: 'rejected', middle: 'rejected', near: 'rejected' });
  const { contender: first, report, contenders } = await chooseContender(options);
  t.deepEqual([first.name, report.verdict], ['far', 'rejected']);
  t.deepEqual(
    contenders.map(({ verdict }) => verdict),
    ['rejected', 'rejected', 'rejected'],
  );
});

test('a drive that says too little is asked once, and no more are judged than there is time for', async (t) => {
  const { options, judged } = script({ far: 'undecided', middle: 'promoted', near: 'promoted' });
  t.is((await chooseContender(options)).report.verdict, 'undecided');
  t.deepEqual(judged, ['far']);
  const late = script({ far: 'rejected', middle: 'promoted', near: 'promoted' });
  const choice = await chooseContender({ ...late.options, hasTime: () => false });
  t.deepEqual(late.judged, ['far']);
  t.is(choice.report.verdict, 'rejected');
  t.regex(choice.contenders[1].reasons.join(), /no time left/);
});

test('no more than four are judged in full, however many there are', async (t) => {
  const many = Array.from({ length: 9 }, (_, i) => contender(`c${i}`, 9 - i));
  const verdicts = Object.fromEntries(many.map(({ name }) => [name, 'rejected' as const]));
  const { options, judged } = script(verdicts);
  await chooseContender({ ...options, contenders: many });
  t.deepEqual(judged, ['c0', 'c1', 'c2', 'c3']);
});
