"""Perception on a recorded bag that is played with simulated time.

ros2 launch rxdepth replay.launch.py bag:=DRIVE image:=/camera/image_raw camera_info:=/camera/camera_info record:=OUT

Unlike `rxdepth replay`, this drops frames when the machine cannot keep up, as on the vehicle.
"""

import math
import os

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    EmitEvent,
    ExecuteProcess,
    IncludeLaunchDescription,
    OpaqueFunction,
    RegisterEventHandler,
    TimerAction,
)
from launch.event_handlers import OnProcessExit, OnProcessStart
from launch.events import Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode, Node
from launch_ros.event_handlers import OnStateTransition

LAUNCH = os.path.join(get_package_share_directory('rxdepth'), 'launch')

ARGUMENTS = [
    ('rate', '1.0', 'multiple of the recorded speed'),
    ('delay', '2.0', 'time that subscribers get to find the outputs before the bag starts, and the last results after it [s]'),
    ('max_age', '0.0', 'results older than this are dropped [s]; 0: none, since in a recording late results harm nobody'),
    ('record', '', 'bag folder for the outputs; empty: they are not recorded'),
    ('namespace', 'rxdepth', 'namespace of the node and of what it publishes'),
    ('image', '/camera/image_raw', 'image topic in the bag'),
    ('camera_info', '/camera/camera_info', 'calibration topic in the bag'),
]


def fails(reason):
    """What a process does to the launch by an end that is none of its own accord: without it nothing comes of the replay."""

    def exited(event, context):
        if context.is_shutdown or event.returncode == 0:
            return []
        # Unlike Shutdown, an exception becomes the exit code of `ros2 launch`.
        raise RuntimeError(f'{reason}: exit code {event.returncode}, the reason is above')

    return exited


def full_name(namespace, camera):
    """The perception node of a camera, '' for the only one."""
    return '/'.join(['', *(part for part in (namespace.strip('/'), camera) if part), 'perception'])


def recorded(namespace):
    """What is recorded, as a regular expression: all of a namespace, or, of the root, all topics."""
    name = namespace.strip('/')
    return f"{f'/{name}' if name else ''}/.*|/tf_static"


def refused(_context):
    raise RuntimeError('the perception node could not be configured: the reason is above')


def play(context):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    def number(name, expected, fits):
        try:
            found = float(value(name))
        except ValueError:
            found = math.nan
        if not (math.isfinite(found) and fits(found)):
            raise RuntimeError(f'{name}: expected `{expected}`, got `{value(name)}`')
        return found

    rate = number('rate', 'a number above 0', lambda given: given > 0)
    delay = number('delay', 'a number from 0', lambda given: given >= 0)
    record = value('record')
    if not os.path.exists(value('bag')):
        raise RuntimeError(f"bag: expected `a bag`, there is none at {value('bag')}")
    if record != '' and os.path.exists(record):
        raise RuntimeError(f'record: expected `a folder that does not exist yet`, {record} does')
    # Paused, it publishes the clock that the recorder waits for; what the node publishes before anybody hears it is lost.
    player = ExecuteProcess(
        cmd=['ros2', 'bag', 'play', value('bag'), '--clock', '100', '--rate', str(rate), '--start-paused'],
        output='screen',
    )
    # Asks again until the player says that it plays: on a busy machine a call may be lost.
    resume = Node(package='rxdepth', executable='resume_player', output='screen')

    cameras = [name.strip() for name in context.launch_configurations.get('cameras', '').split(',') if name.strip()]
    # It asks: a node that starts by itself may be active before anybody hears of it.
    wait = Node(
        package='rxdepth',
        executable='wait_active',
        arguments=[full_name(value('namespace'), camera) for camera in cameras or ['']],
        output='screen',
    )

    def activated(event, context):
        fails('the perception nodes did not become active')(event, context)
        return [] if context.is_shutdown else [player]

    def finished(event, context):
        fails('the bag could not be played')(event, context)
        return [TimerAction(period=delay, actions=[EmitEvent(event=Shutdown(reason='the bag ended'))])]

    def is_perception(action):
        return isinstance(action, LifecycleNode)

    lost = fails('a perception node ended before the bag did')
    actions = [
        # Once: a node that starts anew, or that somebody activates again, does not begin the bag again.
        RegisterEventHandler(OnProcessExit(target_action=wait, on_exit=activated)),
        RegisterEventHandler(
            OnStateTransition(
                start_state='configuring', goal_state='unconfigured', entities=[OpaqueFunction(function=refused)]
            )
        ),
        RegisterEventHandler(
            OnProcessStart(
                target_action=player,
                on_start=[TimerAction(period=delay, actions=[resume])],
            )
        ),
        RegisterEventHandler(OnProcessExit(target_action=resume, on_exit=fails('the bag could not be played'))),
        RegisterEventHandler(OnProcessExit(target_action=player, on_exit=finished)),
    ]
    if context.launch_configurations.get('respawn', 'false').lower() in ('n', 'no', 'false', 'off'):
        actions.append(RegisterEventHandler(OnProcessExit(target_action=is_perception, on_exit=lost)))
    if record != '':
        recorder = ExecuteProcess(
            cmd=[
                *('ros2', 'bag', 'record', '--storage', 'mcap', '--output', record),
                *('--use-sim-time', '--include-hidden-topics'),
                *('--regex', recorded(value('namespace'))),
            ],
            output='screen',
        )
        actions.insert(0, RegisterEventHandler(OnProcessExit(target_action=recorder, on_exit=fails('nothing is recorded'))))
        actions.append(recorder)
    return [*actions, wait]


def generate_launch_description():
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=description)
        for name, default, description in ARGUMENTS
    ]
    perception = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(os.path.join(LAUNCH, 'perception.launch.py')),
        launch_arguments={'use_sim_time': 'true', 'autostart': 'true'}.items(),
    )
    return LaunchDescription(
        [
            DeclareLaunchArgument('bag', description='bag to play'),
            *arguments,
            OpaqueFunction(function=play),
            perception,
        ]
    )
