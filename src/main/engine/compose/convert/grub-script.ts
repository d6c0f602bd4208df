import type { SlotRoots } from '../../image/uboot-script.ts'

const VARIABLES = 'mender_boot_part upgrade_available bootcount'

const FUNCTIONS = `function mender_save {
  for mender_copy in 2 1; do
    set editing=1
    save_env --file "$mender_dir/mender_grubenv$mender_copy/lock" editing
    save_env --file "$mender_dir/mender_grubenv$mender_copy/env" ${VARIABLES}
    set editing=0
    save_env --file "$mender_dir/mender_grubenv$mender_copy/lock" editing
  done
}

function mender_flip {
  if [ "$mender_boot_part" = 2 ]; then set mender_boot_part=3; else set mender_boot_part=2; fi
  set upgrade_available=0
  set bootcount=0
  mender_save
}`

/** The grub.cfg of the boot partition, with the variables where grub-mender-grubenv keeps them. `kind` is how GRUB calls the table. */
export function masterGrub(kind: 'gpt' | 'msdos', { a, b }: SlotRoots): string {
  return `# Chooses between the root file systems on partitions 2 and 3. Made by OTA Bench.
insmod part_${kind}
insmod ext2
insmod fat
insmod regexp
insmod loadenv
regexp --set=1:mender_esp '^\\(([^)]*)\\)' "$cmdpath"
if [ -z "$mender_esp" ]; then set mender_esp="$root"; fi
regexp --set=1:mender_disk '^([^,]*),' "$mender_esp"
set mender_dir="($mender_esp)/grub-mender-grubenv"

# A copy whose lock is not closed was being written when the power went: the other one is whole.
set editing=unknown
load_env --skip-sig --file "$mender_dir/mender_grubenv1/lock" editing
if [ "$editing" = 0 ]; then set mender_copy=1; else set mender_copy=2; fi
set bootcount=0
set upgrade_available=0
set mender_boot_part=2
load_env --skip-sig --file "$mender_dir/mender_grubenv$mender_copy/env" ${VARIABLES}

${FUNCTIONS}

function mender_choose {
  if [ "$mender_boot_part" = 3 ]; then set mender_kernel_root="${b}"; else set mender_kernel_root="${a}"; fi
  set mender_root="$mender_disk,${kind}$mender_boot_part"
  export mender_kernel_root
  export mender_root
}

if [ "$editing" != 0 ]; then mender_save; fi
if [ "$upgrade_available" = 1 ]; then
  if [ "$bootcount" = 0 ]; then
    set bootcount=1
    mender_save
  else
    echo "Mender: the update did not start, going back"
    mender_flip
  fi
fi
mender_choose
if [ "$upgrade_available" = 1 -a ! -f "($mender_root)/boot/grub/grub.cfg" ]; then
  mender_flip
  mender_choose
fi
set root="$mender_root"
set prefix="($root)/boot/grub"
export root
export prefix
configfile "$prefix/grub.cfg"
`
}
