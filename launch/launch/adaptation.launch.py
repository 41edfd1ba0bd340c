"""A node that adapts the model to recorded drives, and tells the perception nodes to load what came of it.

ros2 launch rxdepth adaptation.launch.py perception_nodes:=/rxdepth/perception
ros2 service call /rxdepth/adaptation/adapt rxdepth_msgs/srv/Adapt "{bags: [/data/drive]}"

With `watch:=FOLDER` drives that appear there are adapted to; with `record:=true` the live camera is recorded there.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

PARAMETERS = [
    ('perception_nodes', '/rxdepth/perception', str, 'full names of the nodes to tell, separated by commas'),
    ('watch', '', str, 'folder of recorded drives to adapt to as they appear; empty: on request alone'),
    ('record', 'false', bool, 'record the live camera into the folder `watch`'),
    ('compressed', 'false', bool, 'record <image>/compressed'),
    ('record_seconds', '120.0', float, 'length of a recorded drive [s]'),
    ('record_gigabytes', '4.0', float, 'most space of recorded drives [GB]; the oldest are deleted'),
    ('minutes', '10.0', float, 'time of an adaptation [min]'),
    ('method', 'sgdepth', str, 'how it learns: sgdepth, da-monodepth, dada, or several with commas between'),
    ('guard', '', str, 'other recorded drives that a model must not get worse on, separated by commas'),
    ('teacher', '', str, 'models that label the drives, separated by commas: self, self@2, folders, versions NAME/N'),
    ('camera_height', '', str, 'metres of the camera over the road, or constant; empty: nobody knows'),
    ('image_topic', '', str, 'camera image in the drives; empty: the one that must be meant'),
    ('camera_info_topic', '', str, 'its camera_info; empty: the one beside the image topic'),
    ('camera_kind', 'auto', str, 'auto, raw or rectified: whether K and D or P describes the images'),
    ('intrinsics', '', str, 'fx,fy,cx,cy in pixels, instead of camera_info; empty: as recorded'),
    ('bit_depth', '0', int, 'bits that 16-bit images use; 0: 16'),
    ('max_pixels', '0', int, 'pixels of the largest jpeg or png; 0: 4 times what camera_info says'),
]
ARGUMENTS = [
    ('namespace', 'rxdepth', 'namespace of the node'),
    ('image', '/camera/image_raw', 'image topic to record'),
    ('camera_info', '/camera/camera_info', 'calibration topic to record'),
    *((name, default, description) for name, default, _, description in PARAMETERS),
]

EXPECTED = {bool: 'true | false', int: 'a whole number', float: 'a number'}


def check(context):
    """launch alone would not say which argument it could not read."""
    for name, _, kind, _ in PARAMETERS:
        value = ParameterValue(LaunchConfiguration(name), value_type=kind)
        try:
            value.evaluate(context)
        except ValueError:
            given = LaunchConfiguration(name).perform(context)
            raise RuntimeError(f'{name}: expected `{EXPECTED[kind]}`, got `{given}`') from None


def generate_launch_description():
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=description)
        for name, default, description in ARGUMENTS
    ]
    image = LaunchConfiguration('image')
    node = Node(
        package='rxdepth',
        executable='adaptation_node',
        name='adaptation',
        namespace=LaunchConfiguration('namespace'),
        parameters=[
            {name: ParameterValue(LaunchConfiguration(name), value_type=kind) for name, _, kind, _ in PARAMETERS}
        ],
        remappings=[
            ('image', image),
            ('image/compressed', [image, '/compressed']),
            ('camera_info', LaunchConfiguration('camera_info')),
        ],
        output='screen',
        emulate_tty=True,
    )
    return LaunchDescription([*arguments, OpaqueFunction(function=check), node])
