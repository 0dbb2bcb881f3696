import { SubjectDocument } from '../../contracts/index.ts';
import { defineCommand } from '../command.ts';
import { needSubject } from '../state.ts';
import { formatFacts, section, since } from '../words.ts';

export const subjectShow = defineCommand({
  meta: {
    name: 'subject show',
    about: 'Show a subject: its passport, its references, its versions, and what it waits for',
  },
  args: { name: { type: 'positional', about: 'name of the subject' } },
  document: SubjectDocument,
  run: async ({ name }, world) => needSubject(await world.cloud(), name),
  show({ subject, references, versions }, world) {
    const { state, manifest, wait, failure, rejection } = subject;
    const passport = manifest?.passport;
    const facts = {
      state,
      waits: wait && `${wait.sentence} (for ${since(wait.since, world.now())})`,
      failed: failure?.sentence,
      rejected: rejection?.sentence,
      is: manifest && `${manifest.kind}, ${manifest.noun}`,
      method: manifest?.method,
      owner: passport && `${passport.owner} (${passport.consent})`,
      uses: passport && `${passport.uses.join(', ')}; ${passport.territories.join(', ')}`,
      expires: passport?.expires,
    };
    return [
      formatFacts(subject.subject, facts),
      ...section(
        'References',
        ['file', 'state', 'pixels', 'reason'],
        references.map(({ file, state, width, height, rejection: refused }) => [
          file,
          state,
          width && height ? `${width} × ${height}` : '',
          refused?.sentence ?? '',
        ]),
      ),
      ...section(
        'Advice',
        ['what', 'pictures'],
        (subject.findings ?? []).map(({ sentence, files }) => [sentence, files.join(', ')]),
      ),
      ...section(
        'Versions',
        ['version', 'method', 'token', 'made', 'job'],
        versions.map(({ version, method, token, updatedAt, job }) => [String(version), method, token, updatedAt, job]),
      ),
    ].join('\n\n');
  },
});
