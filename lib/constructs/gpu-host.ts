import { Size } from 'aws-cdk-lib';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  LaunchTemplate,
  MultipartBody,
  MultipartUserData,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** Room for the system, the image (about 10 GB unpacked) and a job's scratch. */
const DISK = Size.gibibytes(80);

/** How Batch starts a GPU machine: it drains when spot takes it back, and containers cannot act in its name. */
export class GpuHost extends Construct {
  readonly launchTemplate: LaunchTemplate;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const settings = UserData.forLinux();
    settings.addCommands(
      // The two minutes of notice become SIGTERM for the worker, and most of them are its own.
      'echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config',
      'echo ECS_CONTAINER_STOP_TIMEOUT=110s >> /etc/ecs/ecs.config',
    );
    // Batch adds a part of its own, so the user data must be MIME multipart.
    const userData = new MultipartUserData();
    userData.addPart(MultipartBody.fromUserData(settings));
    this.launchTemplate = new LaunchTemplate(this, 'LaunchTemplate', {
      userData,
      requireImdsv2: true,
      // One hop ends at the host: a container cannot borrow the host's role.
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(DISK.toGibibytes(), { volumeType: EbsDeviceVolumeType.GP3, encrypted: true }),
        },
      ],
    });
  }
}
