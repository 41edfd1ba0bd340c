/**
 * The part of rclnodejs 2.2 that is used here, in own words. The package is an optional peer, and without a sourced ROS 2
 * there are no typings of messages.
 */
export interface Rclnodejs {
  init(context?: unknown, argv?: readonly string[]): Promise<void>;
  shutdown(): void;
  isShutdown(): boolean;
  /** Its own SIGINT handler only shuts ROS down and leaves the process alive. */
  removeSignalHandlers(): void;
  createNode(name: string): RclPlainNode;
  /** Generates the JavaScript of all message packages of the sourced workspaces anew. */
  regenerateAll(): Promise<void>;
  readonly lifecycle: { readonly LifecycleNode: new (name: string, namespace?: string) => RclLifecycleNode };
  readonly QoS: new (history: number, depth: number, reliability: number, durability: number) => object;
  readonly Parameter: new (name: string, type: number, value: unknown) => RclParameter;
  readonly ParameterDescriptor: new (
    name: string,
    type: number,
    description: string,
    readOnly: boolean,
  ) => { additionalConstraints: string; toMessage: () => object };
  readonly Time: { fromMsg(stamp: { readonly sec: number; readonly nanosec: number }): object };
}

export interface RclParameter {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export interface RclParameterDescriptor {
  readonly name: string;
  /** Source: rcl_interfaces/ParameterType. */
  readonly type: number;
  /** Throws where type or range are not those declared. */
  validateParameter: (parameter: RclParameter) => void;
}

export interface SetParametersResult {
  readonly successful: boolean;
  readonly reason: string;
}

export interface RclPublisher {
  /** A Buffer is published as the message's CDR bytes. */
  publish(message: Buffer): void;
  readonly subscriptionCount: number;
}

export interface RclClient {
  isServiceServerAvailable(): boolean;
  sendRequest(request: unknown, callback: (response: unknown) => void): void;
}

/** Transitions are synchronous: a callback that returns a promise aborts the process. */
export type TransitionCallback = () => number;

/** A node without a managed lifecycle. */
export interface RclPlainNode {
  getFullyQualifiedName(): string;
  getLogger(): { info(text: string): void; warn(text: string): void; error(text: string): void };
  getClock(): { rosTimeOverride: object; readonly isRosTimeActive: boolean };
  now(): { readonly nanoseconds: bigint };
  spin(timeoutMs?: number): void;
  destroy(): void;
  createPublisher(type: string, topic: string, options: { readonly qos: object }): RclPublisher;
  destroyPublisher(publisher: RclPublisher): void;
  createSubscription(
    type: string,
    topic: string,
    options: { readonly qos: object },
    callback: (message: unknown) => void,
  ): object;
  destroySubscription(subscription: object): void;
  /** Those that the node's thread waits for: not for others to know, so perhaps absent from a later version. */
  readonly _subscriptions?: object[];
  /** Has that thread wait for what the lists hold now. */
  syncHandles(): void;
  createGuardCondition(callback: () => void): { trigger(): void };
  destroyGuardCondition(guard: { trigger(): void }): void;
  createService(
    type: string,
    service: string,
    callback: (request: unknown, response: { send(response: unknown): void }) => void,
  ): object;
  createClient(type: string, service: string): RclClient;
  destroyClient(client: RclClient): void;
  declareParameter(parameter: RclParameter, descriptor?: object, ignoreOverride?: boolean): RclParameter;
  hasParameter(name: string): boolean;
  /** Of all parameters that are declared: the objects that the node itself asks. */
  getParameterDescriptors(): readonly RclParameterDescriptor[];
  setParameter(parameter: RclParameter): SetParametersResult;
  /** Sees the parameters before they are checked, and may replace them. */
  addPreSetParametersCallback(
    callback: (parameters: readonly RclParameter[]) => readonly RclParameter[],
  ): void;
  addOnSetParametersCallback(callback: (parameters: readonly RclParameter[]) => SetParametersResult): void;
  resolveTopicName(topic: string): string;
  getPublishersInfoByTopic(topic: string, noDemangle: boolean): readonly RclEndpoint[];
  getSubscriptionsInfoByTopic(topic: string, noDemangle: boolean): readonly RclEndpoint[];
  getSubscriptionNamesAndTypesByNode(
    node: string,
    namespace: string,
  ): readonly { readonly name: string; readonly types: readonly string[] }[];
  getNodeNamesAndNamespaces(): readonly { readonly name: string; readonly namespace: string }[];
}

export interface RclLifecycleNode extends RclPlainNode {
  readonly currentState: { readonly id: number; readonly label: string };
  registerOnConfigure(callback: TransitionCallback): void;
  registerOnActivate(callback: TransitionCallback): void;
  registerOnDeactivate(callback: TransitionCallback): void;
  registerOnCleanup(callback: TransitionCallback): void;
  registerOnShutdown(callback: TransitionCallback): void;
  registerOnError(callback: TransitionCallback): void;
  configure(): { readonly label: string };
  activate(): { readonly label: string };
}

/** As rcl fills it in: policies by number, 1 = reliable, 2 = best effort; 1 = transient local, 2 = volatile. */
export interface RclEndpoint {
  readonly node_name: string;
  readonly node_namespace: string;
  readonly topic_type: string;
  readonly qos_profile: { readonly reliability: number; readonly durability: number; readonly depth: number };
}
