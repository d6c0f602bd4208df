import { t } from '@lingui/core/macro'
import { ActionIcon, Button } from '@mantine/core'
import { FileDown, FolderOpen, History, Layers, ScanSearch, X } from 'lucide-react'
import { WaitBar } from '../../ui/byte-bar.tsx'
import { Facts } from '../../ui/chip.tsx'
import { ConvertDialog } from './convert-dialog.tsx'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { ImagePicture } from './image-picture.tsx'
import { ImageUploads } from './image-uploads.tsx'
import { fileName, folderOf, imageLine, isSingle } from './partition-words.ts'
import { Recipes, SaveRecipe } from './recipes.tsx'
import { sourceRows } from './source-words.ts'
import { TryOnBoard } from './try-on-board.tsx'
import type { ImageView } from './use-image.ts'
import { shell } from '../../app/shell.ts'
import { usePickImage } from './use-pick-image.ts'
import type { RecipeView } from './use-recipe.ts'
import { Refusal } from '../../ui/refusal.tsx'

/** What will be written: the chosen image and what it is, else the ones that were used last. */
export function ImagePanel({ image, recipe }: { image: ImageView; recipe: RecipeView }) {
  const { imagePath } = useFlash()
  return (
    <section className={styles.panel} aria-labelledby="flash-image">
      <h2 id="flash-image" className={styles.heading}>
        {t`Image`}
      </h2>
      <ImageUploads />
      {imagePath === null ? <NoImage recipe={recipe} /> : <ChosenImage path={imagePath} image={image} />}
    </section>
  )
}

function NoImage({ recipe }: { recipe: RecipeView }) {
  const { recents, chooseImage, forgetRecent, setComposing } = useFlash()
  const pick = usePickImage(t`Choose an image or a recipe`, recipe.open)
  return (
    <>
      <div className={styles.dropHere}>
        <FileDown size={24} strokeWidth={1.25} aria-hidden />
        <p>
          {shell === null
            ? t`Choose an image on the machine of the bench, or drop one of your computer here: .img, .sdimg or .wic, plain or compressed. Or a recipe: .yaml.`
            : t`Drop an image here: .img, .sdimg or .wic, plain or compressed. Or a recipe: .yaml.`}
        </p>
        <span className={styles.pair}>
          <Button leftSection={<FolderOpen size={13} />} onClick={pick}>
            {t`Choose…`}
          </Button>
          <Button variant="default" leftSection={<Layers size={13} />} onClick={() => setComposing(true)}>
            {t`Compose…`}
          </Button>
        </span>
      </div>
      <Recipes recipe={recipe} />
      {recents.length > 0 && (
        <>
          <h3 className={styles.minor}>
            <History size={12} aria-hidden /> {t`Used before`}
          </h3>
          <ul className={styles.recents}>
            {recents.map((path) => (
              <li key={path}>
                <button type="button" className={styles.recent} onClick={() => chooseImage(path)}>
                  <span className={styles.strong}>{fileName(path)}</span>
                  <span className={styles.folder}>{folderOf(path)}</span>
                </button>
                <ActionIcon aria-label={t`Forget ${fileName(path)}`} onClick={() => forgetRecent(path)}>
                  <X size={14} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function ChosenImage({ path, image: { source, facts, failure } }: { path: string; image: ImageView }) {
  const { chooseImage, inspect } = useFlash()
  return (
    <div className={styles.chosen}>
      <div className={styles.chosenHead}>
        <span className={styles.strong}>{fileName(path)}</span>
        <ActionIcon aria-label={t`Choose another image`} onClick={() => chooseImage(null)}>
          <X size={15} />
        </ActionIcon>
      </div>
      <p className={styles.folder} title={path}>
        {folderOf(path)}
      </p>
      {source === null && failure === null && <WaitBar label={t`Looking at it`} />}
      {failure !== null && <Refusal failure={failure} className={styles.warning} />}
      {facts !== null && (
        <>
          <p className={styles.line}>{imageLine(facts)}</p>
          <ImagePicture facts={facts} />
        </>
      )}
      {source !== null && source.problem !== null && (
        <p className={styles.warning}>{t`${source.problem}. It would be written as it is.`}</p>
      )}
      {source !== null && <Facts rows={sourceRows(source)} />}
      <div className={styles.pair}>
        {source !== null && source.format !== 'artifact' && (
          <Button variant="default" leftSection={<ScanSearch size={13} />} onClick={() => inspect(path)}>
            {t`Look into it`}
          </Button>
        )}
        {source !== null && source.format !== 'artifact' && <TryOnBoard path={path} />}
        {facts !== null && isSingle(facts) && <ConvertDialog image={path} />}
        {source !== null && <SaveRecipe image={path} />}
      </div>
    </div>
  )
}
