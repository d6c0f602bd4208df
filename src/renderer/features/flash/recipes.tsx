import { ActionIcon, Button, Group, Modal, TextInput } from '@mantine/core'
import { Bookmark, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
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
  if (recipes.length === 0 && jobId === null) return null
  return (
    <>
      <h3 className={styles.minor}>
        <Bookmark size={12} aria-hidden /> Recipes
      </h3>
      {jobId !== null && <JobProgress jobId={jobId} />}
      <ul className={styles.recents} aria-label="Recipes">
        {recipes.map((recipe) => (
          <li key={recipe.name}>
            <button type="button" className={styles.recent} disabled={isBusy} onClick={() => use(recipe)}>
              <span className={styles.strong}>{recipe.name}</span>
              <span className={styles.folder}>
                {recipe.layout === null ? `${fileName(recipe.image)} in ${folderOf(recipe.image)}` : `composed to ${recipe.image}`}
              </span>
            </button>
            <ActionIcon aria-label={`Remove the recipe ${recipe.name}`} onClick={() => remove.run(recipe.name)}>
              <X size={14} />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Keeps the chosen image, and how it is written, under a name. */
export function SaveRecipe({ image }: { image: string }) {
  const { verify, differential, layout } = useFlash()
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const save = useAction(
    (engine) => engine.recipes.save({ name, image, layout, verify, differential }),
    () => setOpen(false),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    save.run()
  }
  return (
    <>
      <Button variant="default" leftSection={<Bookmark size={13} />} onClick={() => setOpen(true)}>
        Save as recipe…
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Save as recipe" size="sm" withCloseButton={false}>
        <form onSubmit={submit}>
          <TextInput
            label="Name"
            description={
              layout === null
                ? 'The image, and how it is written.'
                : 'The layout with its seed, where it is composed to, and how it is written.'
            }
            data-autofocus
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end" mt="lg" gap="xs">
            <Button variant="default" onClick={() => setOpen(false)}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isBusy}>
              Save
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  )
}
