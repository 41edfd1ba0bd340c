"""Depth, segmentation, dynamic-class masks and point clouds from one or several cameras.

ros2 launch rxdepth perception.launch.py image:=/camera/image_raw camera_info:=/camera/camera_info
ros2 launch rxdepth perception.launch.py cameras:=front,rear image:=/{camera}/image_raw camera_info:=/{camera}/camera_info
"""

import os

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode
from launch_ros.parameter_descriptions import ParameterValue

CONFIG = os.path.join(get_package_share_directory('rxdepth'), 'config')

ARGUMENTS = [
    ('cameras', '', 'names of several cameras, separated by commas: one node each, in a namespace of its own'),
    ('namespace', 'rxdepth', 'namespace of the nodes and of what they publish'),
    ('image', '/camera/image_raw', 'image topic; {camera} stands for the name of each camera'),
    ('camera_info', '/camera/camera_info', 'calibration topic; {camera} as above'),
    ('odometry', '/odometry', 'nav_msgs/Odometry for scale_source odometry; {camera} as above'),
    ('lidar', '/lidar', 'PointCloud2 for scale_source lidar; {camera} as above'),
    ('bond', '/bond', "topic of the bond with Nav2's lifecycle manager: /ROBOT/bond for one in the namespace ROBOT"),
    ('params_file', os.path.join(CONFIG, 'perception.yaml'), 'parameters of the nodes'),
    ('compressed', '', 'true: take <image>/compressed (default: as the parameter file says)'),
    ('video', '', 'foxglove or ffmpeg: take the H.264 or H.265 of <image>/foxglove or <image>/ffmpeg (default: as the parameter file says)'),
    ('model', '', 'model folder or NAME/N (default: as the parameter file says)'),
    ('device', '', 'auto, cpu, webgpu or cuda (default: as the parameter file says)'),
    ('max_age', '', 'results older than this are dropped [s]; 0: none (default: as the parameter file says)'),
    ('view', '', 'true: serve a page that shows what the nodes see (default: as the parameter file says)'),
    ('view_host', '', 'address of the page; others than 127.0.0.1 let other machines look (default: as above)'),
    ('view_port', '', 'port of the page; of several cameras that of the first, counted on (default: as above)'),
    ('autostart', 'true', 'configure and activate at once; false: a lifecycle manager does'),
    ('use_sim_time', 'false', 'take the time of /clock'),
    ('respawn', 'false', 'start a node again when its process dies'),
    ('log_level', 'info', 'debug, info, warn, error'),
]

# The default of the nodes.
VIEW_PORT = 8765

# As rcl_yaml_param_parser has them.
TRUE = ('y', 'yes', 'true', 'on')
FALSE = ('n', 'no', 'false', 'off')


def one_node(context, camera, index=0):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    def flag(name):
        text = value(name)
        if text.lower() in TRUE:
            return True
        if text.lower() in FALSE:
            return False
        raise RuntimeError(f'{name}: expected `true | false`, got `{text}`')

    params_file = value('params_file')
    if not os.path.isfile(params_file):
        raise RuntimeError(f'params_file: expected `a parameter file`, there is none at {params_file}')

    def topic(name):
        return value(name).replace('{camera}', camera)

    given = {name: value(name) for name in ('compressed', 'video', 'model', 'device') if value(name) != ''}
    if 'compressed' in given:
        given['compressed'] = flag('compressed')
    if value('max_age') != '':
        try:
            given['max_age'] = float(value('max_age'))
        except ValueError:
            raise RuntimeError(f"max_age: expected `a number from 0 to 60`, got `{value('max_age')}`") from None
    if value('view') != '':
        given['view'] = flag('view')
    if value('view_host') != '':
        given['view_host'] = value('view_host')
    if value('view_port') != '':
        if not value('view_port').isdigit():
            raise RuntimeError(f"view_port: expected `0 to 65535`, got `{value('view_port')}`")
        port = int(value('view_port'))
        # 0: each takes one that is free.
        given['view_port'] = port + index if port > 0 else 0
    elif given.get('view') and index > 0:
        given['view_port'] = VIEW_PORT + index
    for name in ('video', 'model', 'device', 'view_host'):
        if name in given:
            given[name] = ParameterValue(given[name], value_type=str)
    return LifecycleNode(
        package='rxdepth',
        executable='perception_node',
        name='perception',
        namespace=f"{value('namespace').rstrip('/')}/{camera}" if camera else value('namespace'),
        parameters=[
            params_file,
            {
                **given,
                'autostart': flag('autostart'),
                'use_sim_time': flag('use_sim_time'),
            },
        ],
        remappings=[
            ('image', topic('image')),
            ('image/compressed', f"{topic('image')}/compressed"),
            ('image/foxglove', f"{topic('image')}/foxglove"),
            ('image/ffmpeg', f"{topic('image')}/ffmpeg"),
            ('camera_info', topic('camera_info')),
            ('vehicle_odometry', topic('odometry')),
            ('lidar', topic('lidar')),
            ('/bond', value('bond')),
        ],
        ros_arguments=['--log-level', value('log_level')],
        respawn=flag('respawn'),
        respawn_delay=2.0,
        output='screen',
        emulate_tty=True,
    )


def nodes(context):
    names = [name.strip() for name in LaunchConfiguration('cameras').perform(context).split(',')]
    cameras = [name for name in names if name]
    if len(set(cameras)) < len(cameras):
        raise RuntimeError(f"cameras: expected `names of their own`, got `{','.join(cameras)}`")
    image = LaunchConfiguration('image').perform(context)
    if len(cameras) > 1 and '{camera}' not in image:
        raise RuntimeError(f'image: expected `{{camera}}` in it, where the name of each camera goes, got `{image}`')
    return [one_node(context, name, index) for index, name in enumerate(cameras)] or [one_node(context, '')]


def generate_launch_description():
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=description)
        for name, default, description in ARGUMENTS
    ]
    return LaunchDescription([*arguments, OpaqueFunction(function=nodes)])
