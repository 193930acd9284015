import { openBackend } from '../../../job/engine/tfjs/open-backend.ts'
import { describeWith } from '../../capabilities.ts'
import { tfjsContract } from './tfjs-contract.ts'

// Chromium's software Vulkan driver, SwiftShader: the shaders run, on the CPU. Sums by atomic additions have no order.
process.env.VK_ICD_FILENAMES = '/usr/lib/chromium/vk_swiftshader_icd.json'

describeWith('webgpu', 'WebGPU on a software driver', () => {
  tfjsContract('webgpu', { tolerance: 3e-4, bitwise: false }, async () => {
    const opened = await openBackend('webgpu')
    // Small tensors would be computed on the CPU otherwise, and prove nothing.
    opened.tf.env().set('WEBGPU_CPU_FORWARD', false)
    return opened
  })
})
