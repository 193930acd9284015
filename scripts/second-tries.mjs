// A reporter for vitest: names each test that passed at its second try alone, so that a race does not hide behind it.
export default class SecondTries {
  #names = []

  onTestCaseResult(test) {
    const tries = test.diagnostic()?.retryCount ?? 0
    if (tries > 0 && test.result().state === 'passed')
      this.#names.push(`${test.module.moduleId} > ${test.fullName}`)
  }

  onTestRunEnd() {
    for (const name of this.#names) console.log(`second try: ${name}`)
  }
}
