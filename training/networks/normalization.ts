/** Mean and standard deviation of ImageNet's RGB values in 0..1: what published ResNet encoders expect. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
export const IMAGENET_STD = [0.229, 0.224, 0.225] as const;
