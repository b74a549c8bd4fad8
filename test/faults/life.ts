export async function live(_folder: string, _plan: string, _print: (line: string) => void): Promise<void> {}
