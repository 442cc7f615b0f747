import { optOutWordIn } from '../../../src/telephony/texts/opt-out-words.js';

it.each([
  'STOP',
  'stop',
  ' Stop. ',
  '"Stop"',
  'S T O P',
  'ＳＴＯＰ',
  'stop!!!',
  'STOP 🛑',
  'Stop all',
  'unsubscribe',
  'QUIT',
  'end',
])('takes %j as a whole for taking consent back', (text) => expect(optOutWordIn(text)).toBe('stop'));

it.each(['Cancel', 'opt-out', 'OPT OUT', 'revoke'])('takes %j for it too, as the law does', (text) =>
  expect(optOutWordIn(text)).toBe('stop'),
);

it.each(['ARRET', 'arrêt', 'Arre\u0302t !', 'ARRÊTER', 'désabonner', 'ALTO', '¡Alto!', 'Parar', 'BAJA', 'Cancelar'])(
  'takes %j for it in French, Spanish and Portuguese',
  (text) => expect(optOutWordIn(text)).toBe('stop'),
);

it.each(['START', 'unstop', 'Yes', 'Débuter', 'iniciar'])('takes %j for giving it again', (text) =>
  expect(optOutWordIn(text)).toBe('start'),
);

it.each([
  'cancel my order',
  'please stop at the gate',
  'stop here',
  'Stop it',
  'stopped',
  'the end',
  'I quit',
  'yes please',
  'start at 5',
  'alto riesgo',
  'un arrêt de bus',
  'planta baja',
  'arrêté',
  'stop 5',
  '',
  '...',
  '🛑',
])('leaves %j a text', (text) => expect(optOutWordIn(text)).toBeNull());
