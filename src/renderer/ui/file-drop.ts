import { type DragEvent, useState } from 'react'

interface FileDrop {
  isOver: boolean
  /** How many files hover over it. */
  count: number
  handlers: {
    onDragOver: (event: DragEvent) => void
    onDragLeave: (event: DragEvent) => void
    onDrop: (event: DragEvent) => void
  }
}

/** Makes an element take dropped files. `onFiles` hears them with the element that they were dropped on. */
export function useFileDrop(onFiles: (files: File[], target: Element | null) => void): FileDrop {
  const [count, setCount] = useState(0)
  return {
    isOver: count > 0,
    count,
    handlers: {
      onDragOver: (event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        event.stopPropagation()
        event.dataTransfer.dropEffect = 'copy'
        setCount([...event.dataTransfer.items].filter(({ kind }) => kind === 'file').length || 1)
      },
      onDragLeave: (event) => {
        if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)) return
        setCount(0)
      },
      onDrop: (event) => {
        event.preventDefault()
        event.stopPropagation()
        setCount(0)
        onFiles([...event.dataTransfer.files], event.target instanceof Element ? event.target : null)
      },
    },
  }
}
