/** RMW_DURATION_INFINITE, as rosbag2 writes it. */
const FOREVER = '{sec: 9223372036, nsec: 854775807}';

/**
 * The QoS profile offered for a recorded topic, as the YAML text that rosbag2 keeps in `offered_qos_profiles`. It is
 * reliable, and transient local if the topic is latched, so that `ros2 bag play` hands it to late subscribers.
 *
 * Policies are written as numbers, the form before metadata version 9, which later readers recognise
 * (rosbag2_storage, `convert<rclcpp::QoS>::decode`).
 */
export function offeredQos(latched: boolean): string {
  return [
    '- history: 1', // keep last
    `  depth: ${latched ? 1 : 10}`,
    '  reliability: 1', // reliable
    `  durability: ${latched ? 1 : 2}`, // transient local, volatile
    `  deadline: ${FOREVER}`,
    `  lifespan: ${FOREVER}`,
    '  liveliness: 1', // automatic
    `  liveliness_lease_duration: ${FOREVER}`,
    '  avoid_ros_namespace_conventions: false',
    '',
  ].join('\n');
}
