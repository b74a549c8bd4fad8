/**
 * A Python handler, as a process of its own: what it prints are lines of the step, its result is the one line that the
 * bootstrap writes to the real stdout. Errors and results are written as AWS's Python runtime writes them.
 */
import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { refuse } from '../../../../util/diagnostic.ts'
import type { LambdaBinding } from '../binding.ts'
import { runProgram } from '../call/program.ts'
import { exited, type Invocation, type Invoked, timedOut } from './invoked.ts'

/** Its folder is shown as AWS shows it: causes are the same wherever the file lies. */
const BOOTSTRAP = `
import importlib.util, io, json, os, sys, time, traceback
answers = os.fdopen(os.dup(1), 'wb')
os.dup2(2, 1)
sys.stdout = io.TextIOWrapper(os.fdopen(1, 'wb', 0), encoding='utf-8', write_through=True)
given = json.load(sys.stdin)
file, names, folder = given['file'], given['names'], os.path.dirname(given['file'])
def shown(path):
    return '/var/task' + path[len(folder):] if path.startswith(folder + os.sep) else path
def answer(kind, body):
    answers.write(kind.encode() + b' ' + body + b'\\n')
    answers.flush()
    os._exit(0)
def fail(error_type, message, trace=None):
    body = {'errorMessage': message, 'errorType': error_type, 'requestId': given['requestId']}
    if trace is not None:
        body['stackTrace'] = trace
    answer('failed', json.dumps(body, ensure_ascii=False).encode())
def frames(error):
    kept = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith('<')]
    return traceback.format_list([(shown(f.filename), f.lineno, f.name, f.line) for f in kept])
class Context:
    def __init__(self):
        self.aws_request_id = given['requestId']
        self.log_group_name = '/aws/lambda/' + given['functionName']
        self.log_stream_name = time.strftime('%Y/%m/%d', time.gmtime()) + '/[$LATEST]' + given['requestId'].replace('-', '')
        self.function_name = given['functionName']
        self.function_version = '$LATEST'
        self.memory_limit_in_mb = str(given['memoryMb'])
        self.invoked_function_arn = given['arn']
        self.client_context = None
        self.identity = None
        self._end = time.time() + given['timeoutSeconds']
    def get_remaining_time_in_millis(self):
        return max(0, int((self._end - time.time()) * 1000))
    def log(self, message):
        sys.stdout.write(str(message))
sys.path.insert(0, folder)
name = os.path.splitext(os.path.basename(file))[0]
try:
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
except SyntaxError as error:
    fail('Runtime.UserCodeSyntaxError', "Syntax error in module '%s': %s" % (name, error), ['  File "%s" Line %s\\n    %s\\n' % (shown(error.filename or file), error.lineno, (error.text or '').strip())])
except ImportError as error:
    fail('Runtime.ImportModuleError', "Unable to import module '%s': %s" % (name, error), [])
except Exception as error:
    fail(type(error).__name__, str(error), frames(error))
handler = next((getattr(module, each) for each in names if hasattr(module, each)), None)
if handler is None:
    fail('Runtime.HandlerNotFound', "Handler '%s' missing on module '%s'" % (names[0], name), [])
event = json.loads(given['payload'])
try:
    result = handler(event, Context())
except SystemExit as error:
    os._exit(error.code if isinstance(error.code, int) else 0 if error.code is None else 1)
except BaseException as error:
    fail(type(error).__name__, str(error), frames(error))
try:
    body = result if isinstance(result, bytes) else json.dumps(result, ensure_ascii=False).encode()
except Exception as error:
    fail('Runtime.MarshalError', 'Unable to marshal response: %s' % error, [])
answer('returned', body.replace(b'\\n', b' '))
`

export async function invokePython(binding: LambdaBinding, file: string, invocation: Invocation): Promise<Invoked> {
  if (!existsSync(file)) {
    refuse('ASL_HANDLER_MISSING', `There is no file ${file}`, {
      hint: 'The path of a lambda is relative to the folder of the binding file.',
    })
  }
  const { handler, python = 'python3', env } = binding
  const names = handler === undefined ? ['handler', 'lambda_handler'] : [handler]
  const { functionName, timeoutSeconds, memoryMb } = invocation
  const ended = await runProgram({
    words: [python, '-c', BOOTSTRAP],
    shown: `${python} ${basename(file)}`,
    input: JSON.stringify({ ...invocation, file, names }),
    cwd: dirname(file),
    timeoutMs: timeoutSeconds * 1_000,
    env: {
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      LAMBDA_TASK_ROOT: dirname(file),
      PYTHONDONTWRITEBYTECODE: '1',
      ...env,
    },
  })
  switch (ended.kind) {
    case 'timed-out':
      return timedOut(invocation)
    case 'not-found':
      return refuse('ASL_NO_PYTHON', `${file} is a Python handler, and there is no program ${JSON.stringify(python)}`, {
        hint: "Install Python 3, or name it: { lambda: …, python: '/path/to/python3' }.",
      })
    case 'ended':
      return answerIn(ended.stdout) ?? exited(invocation, `exit status ${ended.code}`)
  }
}

function answerIn(stdout: string): Invoked | undefined {
  const [, kind, body] = /^(returned|failed) (.*)$/m.exec(stdout) ?? []
  if (body === undefined) return undefined
  return { kind: kind === 'failed' ? 'failed' : 'returned', body }
}
