import { create } from 'zustand'

interface QuestionState<Q, A> {
  /** null while nothing is asked. */
  asked: Q | null
  /** null: the person thought better of it. */
  answer: (answer: A | null) => void
}

/** What a dialog of this page asks the person, one thing at a time: who asks anew gives up what was asked before. */
export function question<Q, A>() {
  const nothing: QuestionState<Q, A> = { asked: null, answer: () => undefined }
  const useQuestion = create<QuestionState<Q, A>>(() => nothing)
  function ask(asked: Q): Promise<A | null> {
    useQuestion.getState().answer(null)
    return new Promise((resolve) =>
      useQuestion.setState({
        asked,
        answer(answer) {
          useQuestion.setState(nothing)
          resolve(answer)
        },
      }),
    )
  }
  return { useQuestion, ask }
}
