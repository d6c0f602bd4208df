import { t } from '@lingui/core/macro'
import type { Recipe } from '@contract/recipes.ts'
import { ActionIcon, Button, Group, Modal, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Bookmark, Save, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { JobProgress } from './job-progress.tsx'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { fileName, folderOf } from './partition-words.ts'
import type { RecipeView } from './use-recipe.ts'

/** What was saved to be flashed again. One with a layout is composed anew, from what its files are now. */
export function Recipes({ recipe: { use, isBusy, jobId } }: { recipe: RecipeView }) {
  const recipes = useLive('recipes.list', (engine, signal) => engine.recipes.list(undefined, { signal })).value ?? []
  const remove = useAction((engine, name: string) => engine.recipes.remove({ name }))
  const write = useWriteRecipe()
  if (recipes.length === 0 && jobId === null) return null
  return (
    <>
      <h3 className={styles.minor}>
        <Bookmark size={12} aria-hidden /> {t`Recipes`}
      </h3>
      {jobId !== null && <JobProgress jobId={jobId} />}
      <ul className={styles.recents} aria-label={t`Recipes`}>
        {recipes.map((recipe) => (
          <li key={recipe.name}>
            <button type="button" className={styles.recent} disabled={isBusy} onClick={() => use(recipe)}>
              <span className={styles.strong}>{recipe.name}</span>
              <span className={styles.folder}>
                {recipe.layout === null ? t`${fileName(recipe.image)} in ${folderOf(recipe.image)}` : t`composed to ${recipe.image}`}
              </span>
            </button>
            <ActionIcon aria-label={t`Write the recipe ${recipe.name} as a file`} onClick={() => write.run(recipe)}>
              <Save size={14} />
            </ActionIcon>
            <ActionIcon aria-label={t`Remove the recipe ${recipe.name}`} onClick={() => remove.run(recipe.name)}>
              <X size={14} />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Writes a recipe as a file, to be kept beside what it names. */
function useWriteRecipe(onDone: () => void = () => undefined) {
  const machine = useMachine()
  return useAction(
    async (engine, recipe: Recipe) => {
      const suggestedName = `${recipe.name.replaceAll(/[^\w.-]+/g, '-')}.yaml`
      const { path } = (await machine?.pickSavePath({ suggestedName })) ?? { path: null }
      if (path !== null) await engine.recipes.write({ recipe, path })
      return path
    },
    (path) => {
      if (path === null) return
      notifications.show({ title: t`The recipe is written`, message: path, color: 'gray', withBorder: true })
      onDone()
    },
  )
}

/** Keeps the chosen image, and how it is written, under a name. */
export function SaveRecipe({ image }: { image: string }) {
  const { verify, differential, layout } = useFlash()
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const said: Recipe = { name, image, layout, verify, differential }
  const close = (): void => setOpen(false)
  const save = useAction((engine) => engine.recipes.save(said), close)
  const write = useWriteRecipe(close)
  function submit(event: FormEvent): void {
    event.preventDefault()
    save.run()
  }
  return (
    <>
      <Button variant="default" leftSection={<Bookmark size={13} />} onClick={() => setOpen(true)}>
        {t`Save as recipe…`}
      </Button>
      <Modal opened={isOpen} onClose={close} title={t`Save as recipe`} size="sm" withCloseButton={false}>
        <form onSubmit={submit}>
          <TextInput
            label={t`Name`}
            description={
              layout === null
                ? t`The image, and how it is written.`
                : t`The layout with its seed, where it is composed to, and how it is written.`
            }
            data-autofocus
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end" mt="lg" gap="xs">
            <Button variant="default" onClick={close}>
              {t`Cancel`}
            </Button>
            <Button variant="default" disabled={name === ''} loading={write.isBusy} onClick={() => write.run(said)}>
              {t`As a file…`}
            </Button>
            <Button type="submit" loading={save.isBusy}>
              {t`Save`}
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  )
}
